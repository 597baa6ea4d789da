// Sends a reader of a moved page on, to the same place in it.
location.replace(document.querySelector("a").href + location.search + location.hash);

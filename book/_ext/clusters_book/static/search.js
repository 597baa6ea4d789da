// Finds pages by Sphinx's index, which is loaded when there is something to look for.
// A word counts by where it stands and by how few pages have it.
{
  const WEIGHT = { title: 12, description: 6, heading: 4, body: 1 };
  const PHRASE = 8; // all words side by side in a title; half as much in a description
  const STARTS_SO = 0.4; // "entrepren" finds entrepreneurs, but is worth less
  const LIST = 0.25; // the data catalogue, the indexes: they name everything
  const WORTH_SHOWING = 0.3; // of the best page, for one that lacks some of the words
  const SECTIONS = 3;

  const root = document.documentElement.dataset.content_root;
  const pages = JSON.parse(document.getElementById("search-pages").textContent);
  const said = document.getElementById("search-said");
  const found = document.getElementById("search-found");
  const asked = (new URLSearchParams(location.search).get("q") ?? "").trim();

  const fold = (text) =>
    text.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase();
  const stemmer = new Stemmer();
  const stems = (text) =>
    fold(text).split(/[^\p{Letter}\p{Number}_]+/u).filter(Boolean)
      .map((word) => stemmer.stemWord(word));
  const add = (parent, tag, text, marks = {}) => {
    const made = Object.assign(document.createElement(tag), marks);
    made.textContent = text;
    return parent.appendChild(made);
  };

  // Sphinx writes one number, or a list of them, for the pages that have a term.
  const folded = (terms) => {
    const map = new Map();
    for (const [term, files] of Object.entries(terms))
      map.set(fold(term), [...(map.get(fold(term)) ?? []), ...[files].flat()]);
    return map;
  };
  const lookUp = (map, word) => {
    if (map.has(word)) return { files: map.get(word), worth: 1 };
    const files = [];
    if (word.length > 2)
      for (const [term, some] of map) if (term.startsWith(word)) files.push(...some);
    return { files, worth: STARTS_SO };
  };
  const termsOf = (texts) => {
    const map = new Map();
    texts.forEach((text, file) => {
      for (const stem of new Set(stems(text)))
        map.set(stem, [...(map.get(stem) ?? []), file]);
    });
    return map;
  };

  const rank = (index, words) => {
    const told = index.docnames.map((name) => pages[name]?.said ?? "");
    const fields = {
      title: termsOf(index.titles),
      description: termsOf(told),
      heading: folded(index.titleterms),
      body: folded(index.terms),
    };
    const scores = index.docnames.map(() => ({ score: 0, words: 0 }));
    for (const word of words) {
      const worth = new Map();
      for (const [field, map] of Object.entries(fields)) {
        const hit = lookUp(map, word);
        for (const file of new Set(hit.files))
          worth.set(file, (worth.get(file) ?? 0) + WEIGHT[field] * hit.worth);
      }
      const rare = Math.log(1 + index.docnames.length / (worth.size || 1));
      for (const [file, value] of worth) {
        scores[file].score += value * rare;
        scores[file].words += 1;
      }
    }
    const phrase = ` ${words.join(" ")} `;
    const beside = (text) => ` ${stems(text).join(" ")} `.includes(phrase);
    scores.forEach((page, file) => {
      if (beside(index.titles[file])) page.score += PHRASE;
      if (beside(told[file])) page.score += PHRASE / 2;
      if (pages[index.docnames[file]]?.list) page.score *= LIST;
    });
    for (const [title, places] of Object.entries(index.alltitles))
      if (beside(title)) for (const [file] of places) scores[file].score += PHRASE / 2;
    for (const page of scores) page.score *= (page.words / words.length) ** 2;
    const best = Math.max(...scores.map((page) => page.score));
    const most = Math.max(...scores.map((page) => page.words));
    return scores
      .map((page, file) => ({ ...page, file }))
      .filter((page) => page.words
        && (page.words === most || page.score >= best * WORTH_SHOWING))
      .sort((a, b) => b.score - a.score);
  };

  // The sections of a page, and the terms of the glossary, that have the most words.
  const sections = (index, words, file) => {
    const listed = [];
    const all = [...Object.entries(index.alltitles), ...Object.entries(index.indexentries)];
    for (const [title, places] of all) {
      const own = new Set(stems(title));
      const hits = words.filter((word) => own.has(word)).length;
      for (const [where, id] of hits ? places : [])
        if (where === file && id && title !== index.titles[file])
          listed.push({ hits, id, title: title.trim().replace(/^\((.*)\)$/, "$1") });
    }
    const most = Math.max(0, ...listed.map((section) => section.hits));
    const seen = new Set();
    return listed
      .filter((one) => one.hits === most && !seen.has(one.id) && seen.add(one.id))
      .slice(0, SECTIONS);
  };

  const show = (index) => {
    // A question of stop words alone, such as "there", is still a question.
    const all = asked.split(/\s+/).flatMap((word) => stems(word));
    const telling = asked.split(/\s+/)
      .filter((word) => !stopwords.includes(word.toLowerCase()))
      .flatMap((word) => stems(word));
    const words = [...new Set(telling.length ? telling : all)];
    const results = words.length ? rank(index, words) : [];
    const whole = results.some((page) => page.words === words.length);
    if (!results.length)
      said.textContent = `No page has “${asked}”. Try one word, or its beginning.`;
    else if (whole)
      said.textContent = results.length === 1
        ? `One page for “${asked}”.`
        : `${results.length} pages for “${asked}”, the likeliest first.`;
    else
      said.textContent = `No page has all words of “${asked}”. These have some of them.`;
    found.parentElement.hidden = !results.length;
    for (const { file } of results) {
      const name = index.docnames[file];
      const item = add(found, "li", "");
      const link = `${root}${name}.html`;
      add(item, "a", index.titles[file], { href: link, className: "search-page" });
      if (pages[name]?.said) add(item, "p", pages[name].said);
      const parts = sections(index, words, file);
      if (!parts.length) continue;
      const line = add(item, "p", "In it: ", { className: "search-sections" });
      parts.forEach(({ id, title }, number) => {
        if (number) line.append("; ");
        add(line, "a", title, { href: `${link}#${id}` });
      });
    }
  };

  if (asked) {
    document.getElementById("search-words").value = asked;
    document.title = `${asked}: ${document.title}`;
    said.textContent = "Looking it up.";
    window.Search = { setIndex: show }; // what the index calls when it is there
    const index = document.createElement("script");
    index.src = `${root}searchindex.js`;
    index.onerror = () => {
      said.textContent = "The index did not load. Look it up again when you are online.";
    };
    document.head.append(index);
  }
}

"""The colours of the book's figures, for those who draw without matplotlib, too."""

# One palette for the whole book. All four keep apart in grey print (their lightness
# runs 28, 38, 49 and 60 of 100) and for colour-blind readers. On the ground of a page
# the three colours can be letters (4.5 to 1), the grey of context can be seen (3 to 1).
INK = "#22282f"
CONTEXT = "#8a919a"
SECOND = "#11456e"
ACCENT = "#a23616"
THIRD = "#2a826c"

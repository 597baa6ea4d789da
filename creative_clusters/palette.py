"""The colours of the book's figures, for those who draw without matplotlib, too."""

# One palette for the whole book. The three colours keep apart in grey print (their
# lightness runs 30, 45 and 60 of 100) and for colour-blind readers; context is grey.
INK = "#22282f"
CONTEXT = "#a3a9b1"
SECOND = "#164f7c"
ACCENT = "#b8431f"
THIRD = "#3f9c84"

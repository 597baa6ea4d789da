"""The book in other forms, made from the built pages without running any code again.

- ``chapters``: the pages as chapters to be read off the screen, in their order.
- ``cover``: the front of PDF and ePub, around a figure of the book.
- ``pdf``: one document to print, with page numbers in its contents.
- ``browser``: what sets the PDF.
- ``epub``: an ePub 3 for readers' devices.
- ``offline``: the site as one archive that opens without a server.
- ``offer``: links to these files, on the pages that speak of them.
"""

"""Pages as notebooks that need neither the book nor its build.

- ``pages``: a page that was run, and what its code handed on.
- ``filling``: numbers, facts, citations and sources in the place of roles.
- ``blocks``: the text of a page, part by part.
- ``statements``: which statements of a page a piece of code rests on.
- ``notebooks``: a page as notebook for students, or with solutions for teachers.
- ``sets``: all notebooks of a kind with data and package, as one archive.
- ``assignments``: the exercises of a lesson, to be marked by Otter-Grader.

Binder's ``.binder/fill.py`` fills pages with the first two.
"""

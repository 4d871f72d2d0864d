"""The status page: one target as it was at its last run, or all of them.

Everything is in the page: no script of others, no font, no picture is loaded from anywhere.

`page` has what a page is made of, and makes it. A file for each part of it: what is wrong, the plan, the migrations,
the schema's differences, what was measured, the history. Templates hold the HTML alone.
"""

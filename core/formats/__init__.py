"""Formats of dates by language, by the names that date_format and {{ value|date:"NAME" }} take.

Django looks here first (FORMAT_MODULE_PATH); formats.py of each language has the same names.
"""

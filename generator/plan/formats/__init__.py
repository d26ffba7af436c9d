"""A plan as text, Markdown, data and a page."""

// Text fields with data-autosave save themselves.

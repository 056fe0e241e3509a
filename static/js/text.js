// Opening, closing and settling pieces of text (templates/sessions/_text.html).

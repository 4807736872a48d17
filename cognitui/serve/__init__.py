"""The console in a browser: who is let in, the page, and one console for each tab.

`gate` knows no HTTP library; `server` and `console` need the extra ``cognitui[serve]``.
"""

DRIVER = "cognitui.tui.browser:BrowserDriver"
"""What Textual draws with there, as its variable ``TEXTUAL_DRIVER`` has it."""

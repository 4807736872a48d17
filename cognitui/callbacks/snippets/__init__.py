"""Code that verifies callbacks in a person's own endpoint, made for a scheme."""

from cognitui.callbacks.snippets.snippet import STACKS, Snippet, snippet

__all__ = ["STACKS", "Snippet", "snippet"]

"""How quick things are, as ratios to a floor measured in the same run; nothing fails here."""

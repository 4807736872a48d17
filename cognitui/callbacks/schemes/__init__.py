"""How callbacks are signed: which headers they carry, and what their signature covers."""

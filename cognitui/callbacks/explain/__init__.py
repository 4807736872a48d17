"""Why a callback does not verify: what would have to be different for its signature to be right."""

"""The README's pictures, made from the real console on the sandbox tenant.

::

    python -m tests.screenshots                # makes them all anew
    python -m tests.screenshots NAME …         # makes these
    python -m tests.screenshots --check        # fails when one is not as the console looks now

`scenes` has the table of what is shown; a new picture is a new coroutine there. Each is kept as SVG
and as PNG. An SVG is the same, byte for byte, wherever it is made; a PNG, which a browser draws,
carries the hash of the SVG that it shows.
"""

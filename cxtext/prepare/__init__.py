"""Get texts ready to be read: repaired, without personal data, with their language named and floods counted once.

``normalise`` repairs, ``redact`` takes personal data out, ``language`` names the language, ``duplicates`` finds
floods of near-duplicates, ``keys`` gives every row the key that fixes its place in the canonical order.
"""

"""The programs: option parsing and printing, one module each."""

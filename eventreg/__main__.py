"""`python -m eventreg …`: the command line without installing anything."""

from eventreg.cli.main import main

if __name__ == "__main__":
    main()

"""Lets `python -m ringfence` do what the `ringfence` command does."""

from ringfence.cli.app import main

if __name__ == "__main__":
    main()

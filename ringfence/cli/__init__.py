"""Arguments in, rendering and exit code out; one file per verb."""

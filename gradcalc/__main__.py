"""The process: ``gradcalc`` and ``python -m gradcalc``."""

import gc
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    # A run is short and leaves no reference cycles worth finding: the collector would only walk
    # over the modules being imported, and over the growing graph, again and again.
    gc.disable()
    try:
        from gradcalc.cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()

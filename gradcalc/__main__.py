"""``python -m gradcalc``."""

from gradcalc.cli.main import main

if __name__ == "__main__":
    main()

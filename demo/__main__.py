"""`python -m demo`: create the demo gallery, as `make demo` does."""

from demo.command import demo

if __name__ == "__main__":  # the drawing processes import this module too
    demo()

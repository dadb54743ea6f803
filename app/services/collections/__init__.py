"""Collections: settings, order, lists, photo information and camera clocks."""

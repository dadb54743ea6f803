"""The scenes of the demo photographs, by theme."""

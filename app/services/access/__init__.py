"""Access control: rules, grants of visitors, share links and limits on guesses."""

"""Who may do what: the gate, what visitors opened, share links and guesses."""

package smtp

// Stage is the phase as package outbox asks an error for it.
func (e *Error) Stage() string { return string(e.Phase) }

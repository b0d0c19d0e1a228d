package signup

// parseReachable is ParseEmail for an address that is to get mail.
func (s *Service) parseReachable(typed string) (Email, *Error) {
	email, err := parseEmail(typed)
	if err == nil && !s.o.Reaches(email.Typed) {
		return Email{}, invalid("email", "has letters before the @ that the mail server here cannot send to")
	}
	return email, err
}

package main

import (
	"context"
)

// testMail sends a test mail for the administrators' pages; nil without mail.
func (s *instance) testMail() func(context.Context, string) error {
	if s.writer == nil {
		return nil
	}
	return func(ctx context.Context, address string) error {
		letter, err := s.testLetter(address)
		if err != nil {
			return err
		}
		return s.sender.Send(ctx, letter)
	}
}

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/signup-go/signup/letters"
)

// reloadOnHangup reads the operator's letters anew at each SIGHUP until ctx
// ends. Without any, SIGHUP keeps its usual meaning.
func (s *instance) reloadOnHangup(ctx context.Context) {
	written, ok := s.writer.(*letters.Letters)
	if !ok || s.config.brand.letters == "" {
		return
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangup)
		for {
			select {
			case <-hangup:
				s.reload(ctx, written)
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *instance) reload(ctx context.Context, written *letters.Letters) {
	folder := s.config.brand.letters
	if err := written.Reload(); err != nil {
		s.log.ErrorContext(ctx, "letters not reloaded; the ones before stay", "folder", folder, "error", err)
		return
	}
	s.log.InfoContext(ctx, "letters reloaded", "folder", folder)
}

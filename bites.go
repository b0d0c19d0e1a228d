package signup

import (
	"context"
	"time"
)

// What is of no more use goes in bites, each a transaction that is over soon
// and followed by a rest three times as long: whoever signs up meanwhile waits
// for a small one at most, and the database's time is mostly his.
const (
	firstBite = 20 // rows
	mostBite  = 500
	leastBite = 10

	biteTime = 3 * time.Millisecond // what a bite should take, its commit included
	longRest = 3 * time.Second
)

// inBites deletes up to limit rows in a transaction, again and again until
// there are no more, and returns how many went.
func (s *Service) inBites(ctx context.Context, bite func(tx Tx, limit int) (int, error)) (total int, err error) {
	for limit := firstBite; ; {
		n := 0
		var turn time.Time // when others no longer had to be waited for
		began := time.Now()
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			turn = time.Now()
			n, err = bite(tx, limit)
			return err
		})
		if total += n; err != nil || n < limit {
			return total, err
		}
		limit = nextBite(limit, time.Since(turn))
		if err := rest(ctx, min(3*time.Since(began), longRest)); err != nil {
			return total, err
		}
	}
}

// nextBite is how many rows are right after so many took so long.
func nextBite(limit int, took time.Duration) int {
	switch {
	case took > biteTime:
		limit /= 2
	case took < biteTime/2:
		limit *= 2
	}
	return max(leastBite, min(limit, mostBite))
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

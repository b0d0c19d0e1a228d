package signup

import (
	"context"
	"time"
)

// What is of no more use goes in bites, each a transaction that is over soon
// and followed by a rest as long, so that whoever signs up meanwhile waits for
// a small one at most and gets about half of the database's time.
const (
	firstBite = 20 // rows
	mostBite  = 500
	leastBite = 5

	biteTime = 4 * time.Millisecond // what a bite should take, without its commit
	longRest = time.Second
)

// inBites deletes up to limit rows in a transaction, again and again until
// there are no more, and returns how many went.
func (s *Service) inBites(ctx context.Context, bite func(tx Tx, limit int) (int, error)) (total int, err error) {
	for limit := firstBite; ; {
		n := 0
		var took time.Duration
		began := time.Now()
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			bitten := time.Now()
			n, err = bite(tx, limit)
			took = time.Since(bitten)
			return err
		})
		if total += n; err != nil || n < limit {
			return total, err
		}
		limit = nextBite(limit, took)
		if err := rest(ctx, min(time.Since(began), longRest)); err != nil {
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

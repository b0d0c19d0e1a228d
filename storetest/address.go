package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func addressTests() []test {
	return []test{
		{"AddressMails lists those of the address, the latest first", addressMails},
		{"DeleteAddressMails removes what was due before, in bites", deleteAddressMails},
	}
}

func (s *suite) mailsTo(hash string, limit int) (times []time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) (err error) {
		times, err = tx.AddressMails(s.ctx(), hash, limit)
		return err
	})
	return times
}

func (s *suite) addAddressMails(hash string, due ...time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for _, t := range due {
			if err := tx.AddAddressMail(s.ctx(), hash, t); err != nil {
				return err
			}
		}
		return nil
	})
}

func addressMails(s *suite) {
	first, second, third := start(), start().Add(instant), start().Add(time.Hour)
	s.addAddressMails("a", second, third, first)
	s.addAddressMails("b", first)
	s.same("all", s.mailsTo("a", 10), []time.Time{third, second, first})
	s.same("the latest", s.mailsTo("a", 2), []time.Time{third, second})
	s.same("none asked for", s.mailsTo("a", 0), []time.Time{})
	s.same("none there", s.mailsTo("c", 10), []time.Time{})
}

func deleteAddressMails(s *suite) {
	kept := start()
	s.addAddressMails("a", kept.Add(-3*time.Hour), kept.Add(-2*time.Hour), kept.Add(-time.Hour), kept)
	for _, want := range []int{2, 1, 0} {
		n := 0
		s.update(func(tx signup.Tx) (err error) {
			n, err = tx.DeleteAddressMails(s.ctx(), kept, 2)
			return err
		})
		s.same("how many", n, want)
	}
	s.same("left", s.mailsTo("a", 10), []time.Time{kept})
}

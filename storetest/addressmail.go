package storetest

import (
	"time"

	"github.com/signup-go/signup"
)

func addressMailTests() []test {
	return []test{
		{"AddressMails lists the times of the address, latest first", addressMails},
		{"AddressMails sees the update's own writes", addressMailsInUpdate},
		{"the same time can be stored more than once", sameAddressMail},
		{"RemoveAddressMail removes what has this hash and time", removeAddressMail},
	}
}

func (s *suite) addressMails(hash string, limit int) []time.Time {
	s.Helper()
	return read(s, func(r signup.Reader) ([]time.Time, error) { return r.AddressMails(s.ctx(), hash, limit) })
}

func (s *suite) addAddressMails(hash string, times ...time.Time) {
	s.Helper()
	s.update(func(tx signup.Tx) error {
		for _, t := range times {
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
	s.same("all", s.addressMails("a", 10), []time.Time{third, second, first})
	s.same("the latest", s.addressMails("a", 2), []time.Time{third, second})
	s.same("none asked for", len(s.addressMails("a", 0)), 0)
	s.same("none there", len(s.addressMails("c", 10)), 0)
	for _, hash := range awkward() {
		s.addAddressMails(hash, first)
		s.same("times", s.addressMails(hash, 10), []time.Time{first})
	}
}

func addressMailsInUpdate(s *suite) {
	s.update(func(tx signup.Tx) error {
		if err := tx.AddAddressMail(s.ctx(), "a", start()); err != nil {
			return err
		}
		times, err := tx.AddressMails(s.ctx(), "a", 10)
		s.same("times", times, []time.Time{start()})
		return err
	})
}

func sameAddressMail(s *suite) {
	s.addAddressMails("a", start(), start())
	s.addAddressMails("a", start())
	s.same("times", s.addressMails("a", 10), []time.Time{start(), start(), start()})
}

func removeAddressMail(s *suite) {
	first, second := start(), start().Add(instant)
	s.addAddressMails("a", first, second)
	s.addAddressMails("b", first)
	for range 2 {
		s.update(func(tx signup.Tx) error { return tx.RemoveAddressMail(s.ctx(), "a", first) })
		s.same("times of a", s.addressMails("a", 10), []time.Time{second})
		s.same("times of b", s.addressMails("b", 10), []time.Time{first})
	}
}

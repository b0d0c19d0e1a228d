package sqlite

import (
	"context"
	"time"

	"github.com/signup-go/signup/sqlite/internal/db"
)

func (w writer) AddressMails(ctx context.Context, hash string, limit int) ([]time.Time, error) {
	rows, err := w.q.AddressMails(ctx, db.AddressMailsParams{AddressHash: hash, Lim: atMost(limit)})
	return convert(rows, func(t db.Time) time.Time { return time.Time(t) }), fault("list mails to an address", err)
}

func (w writer) AddAddressMail(ctx context.Context, hash string, due time.Time) error {
	return fault("add mail to an address", w.q.AddAddressMail(ctx, db.AddAddressMailParams{AddressHash: hash, DueAt: db.Time(due)}))
}

func (w writer) DeleteAddressMails(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := w.q.DeleteAddressMails(ctx, db.DeleteAddressMailsParams{Before: db.Time(before), Lim: atMost(limit)})
	return int(n), fault("delete mails to addresses", err)
}

package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
)

const telegramAPI = "https://api.telegram.org"

// A telegramService is shoutrrr's service, of which only the configuration is
// used: in version 0.13 its Send reports success even if Telegram cannot be
// reached.
type telegramService interface{ GetConfig() *telegram.Config }

func (s *Sender) sendTelegram(ctx context.Context, c *telegram.Config, text string) error {
	for _, chat := range c.Chats {
		err := s.callTelegram(ctx, c.Token, map[string]any{
			"chat_id": chat, "text": text, "disable_notification": !c.Notification, "disable_web_page_preview": !c.Preview,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const maxAnswer = 64 << 10 // bytes

func (s *Sender) callTelegram(ctx context.Context, token string, message map[string]any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.api+"/bot"+token+"/sendMessage", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		OK          bool
		Description string
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case json.Unmarshal(b, &answer) != nil || !answer.OK:
		return fmt.Errorf("%s: %s", resp.Status, answer.Description)
	}
	return nil
}

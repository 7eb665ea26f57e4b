// Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const tolerance = 5 * time.Minute

var (
	form      = regexp.MustCompile(`^t=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)$`)
	signature = regexp.MustCompile(`,sha256=([0-9a-f]{64})\b`)
)

// Verify answers "ok" or why the request is refused. header is X-Webhook-Signature or "",
// body the raw bytes as they came, url the whole URL that was called, with its query.
func Verify(secret, header, method, url string, body []byte, now time.Time) string {
	if secret == "" {
		return "no_secret"
	}
	if header == "" {
		return "missing_header"
	}
	parts := form.FindStringSubmatch(header)
	if parts == nil || !signature.MatchString(parts[2]) {
		return "malformed"
	}
	millis, _ := strconv.ParseInt(parts[1], 10, 64)
	age := now.Sub(time.UnixMilli(millis))
	if age > tolerance {
		return "expired"
	}
	if -age > tolerance {
		return "too_new"
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(parts[1] + "."))
	if m := strings.ToLower(method); m == "get" || m == "delete" {
		mac.Write([]byte(url))
	} else {
		mac.Write(body)
	}
	expected := mac.Sum(nil)
	for _, each := range signature.FindAllStringSubmatch(parts[2], -1) {
		received, _ := hex.DecodeString(each[1])
		if hmac.Equal(received, expected) {
			return "ok"
		}
	}
	return "mismatch"
}

// IsRepeat is true when this X-Webhook-Delivery was taken before; the first to create its mark has it.
func IsRepeat(folder, deliveryID string) (bool, error) {
	name := sha256.Sum256([]byte(deliveryID))
	mark := filepath.Join(folder, hex.EncodeToString(name[:]))
	file, err := os.OpenFile(mark, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, file.Close()
}

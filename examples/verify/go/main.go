// verify METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/textproto"
	"os"
	"strconv"
	"time"
)

func main() {
	file, err := os.Open(os.Args[3])
	must(err)
	headers, err := textproto.NewReader(bufio.NewReader(file)).ReadMIMEHeader()
	// A file of headers need not end in an empty line.
	if err != io.EOF {
		must(err)
	}
	body, err := os.ReadFile(os.Args[4])
	must(err)
	now := time.Now()
	if text := os.Getenv("WEBHOOK_NOW"); text != "" {
		millis, err := strconv.ParseInt(text, 10, 64)
		must(err)
		now = time.UnixMilli(millis)
	}
	header := headers.Get("X-Webhook-Signature")
	answer := Verify(os.Getenv("WEBHOOK_SECRET"), header, os.Args[1], os.Args[2], body, now)
	deliveryID := headers.Get("X-Webhook-Delivery")
	if answer == "ok" && len(os.Args) > 5 && deliveryID != "" {
		repeat, err := IsRepeat(os.Args[5], deliveryID)
		must(err)
		if repeat {
			answer = "repeat"
		}
	}
	fmt.Println(answer)
	if answer != "ok" && answer != "repeat" {
		os.Exit(1)
	}
}

func must(err error) {
	if err != nil {
		log.SetFlags(0)
		log.Println(err)
		os.Exit(2)
	}
}

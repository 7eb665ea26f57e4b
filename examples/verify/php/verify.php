<?php

// Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat.
const WEBHOOK_TOLERANCE_MS = 5 * 60 * 1000;
const WEBHOOK_FORM = '/^t=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)$/D';

/**
 * Answers 'ok' or why the request is refused. $header is X-Webhook-Signature or null,
 * $body the raw bytes as they came, $url the whole URL that was called, with its query.
 */
function verify_webhook(
    string $secret,
    ?string $header,
    string $method,
    string $url,
    string $body,
    ?int $now = null
): string {
    $now ??= (int) (microtime(true) * 1000);
    if ($secret === '') {
        return 'no_secret';
    }
    if ($header === null || $header === '') {
        return 'missing_header';
    }
    if (!preg_match(WEBHOOK_FORM, $header, $form)) {
        return 'malformed';
    }
    if (!preg_match_all('/,sha256=([0-9a-f]{64})\b/', $form[2], $signatures)) {
        return 'malformed';
    }
    if ($now - (int) $form[1] > WEBHOOK_TOLERANCE_MS) {
        return 'expired';
    }
    if ((int) $form[1] - $now > WEBHOOK_TOLERANCE_MS) {
        return 'too_new';
    }
    $signed = in_array(strtolower($method), ['get', 'delete'], true) ? $url : $body;
    $expected = hash_hmac('sha256', $form[1] . '.' . $signed, $secret);
    foreach ($signatures[1] as $signature) {
        if (hash_equals($expected, $signature)) {
            return 'ok';
        }
    }
    return 'mismatch';
}

/** True when this X-Webhook-Delivery was taken before; the first to create its mark has it. */
function is_repeated_webhook(string $folder, string $deliveryId): bool
{
    $mark = $folder . '/' . hash('sha256', $deliveryId);
    $file = @fopen($mark, 'x');
    if ($file !== false) {
        return !fclose($file);
    }
    if (!file_exists($mark)) {
        throw new RuntimeException("Can't write to $folder");
    }
    return true;
}

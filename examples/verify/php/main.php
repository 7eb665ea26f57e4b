<?php

// php main.php METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment.
require __DIR__ . '/verify.php';

[, $method, $url, $headersFile, $bodyFile] = $argv;
$seenFolder = $argv[5] ?? null;
$headers = [];
foreach (file($headersFile, FILE_IGNORE_NEW_LINES) as $line) {
    [$name, $value] = explode(':', $line, 2) + ['', ''];
    $headers[strtolower($name)] = trim($value);
}
$now = getenv('WEBHOOK_NOW');
$header = $headers['x-webhook-signature'] ?? null;
$body = file_get_contents($bodyFile);
$secret = (string) getenv('WEBHOOK_SECRET');
$answer = verify_webhook($secret, $header, $method, $url, $body, $now === false ? null : (int) $now);
$deliveryId = $headers['x-webhook-delivery'] ?? '';
if ($answer === 'ok' && $seenFolder !== null && $deliveryId !== '') {
    $answer = is_repeated_webhook($seenFolder, $deliveryId) ? 'repeat' : 'ok';
}
echo $answer, "\n";
exit(in_array($answer, ['ok', 'repeat'], true) ? 0 : 1);

# Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat.
require "digest"
require "openssl"

module Flowhook
  TOLERANCE_MS = 5 * 60 * 1000
  FORM = /\At=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)\z/

  # Answers "ok" or why the request is refused. header is X-Webhook-Signature or nil,
  # body the raw bytes as they came, url the whole URL that was called, with its query.
  def self.verify(secret, header, method, url, body, now = (Time.now.to_f * 1000).to_i)
    return "no_secret" if secret.to_s.empty?
    return "missing_header" if header.to_s.empty?
    form = FORM.match(header)
    signatures = form ? form[2].scan(/,sha256=([0-9a-f]{64})\b/).flatten : []
    return "malformed" if signatures.empty?
    return "expired" if now - form[1].to_i > TOLERANCE_MS
    return "too_new" if form[1].to_i - now > TOLERANCE_MS
    signed = %w[get delete].include?(method.downcase) ? url : body
    expected = OpenSSL::HMAC.hexdigest("SHA256", secret, "#{form[1]}.".b + signed.b)
    fits = signatures.any? { |signature| OpenSSL.fixed_length_secure_compare(signature, expected) }
    fits ? "ok" : "mismatch"
  end

  # True when this X-Webhook-Delivery was taken before; the first to create its mark has it.
  def self.repeat?(folder, delivery_id)
    mark = File.join(folder, Digest::SHA256.hexdigest(delivery_id))
    File.open(mark, File::WRONLY | File::CREAT | File::EXCL) {}
    false
  rescue Errno::EEXIST
    true
  end
end

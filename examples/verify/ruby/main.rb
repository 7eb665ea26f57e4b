# ruby main.rb METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment.
require_relative "verify"

method, url, headers_file, body_file, seen_folder = ARGV
headers = File.readlines(headers_file, chomp: true).to_h do |line|
  name, value = line.split(":", 2)
  [name.to_s.downcase, value.to_s.strip]
end
now = ENV["WEBHOOK_NOW"] ? ENV["WEBHOOK_NOW"].to_i : (Time.now.to_f * 1000).to_i
header = headers["x-webhook-signature"]
answer = Flowhook.verify(ENV["WEBHOOK_SECRET"], header, method, url, File.binread(body_file), now)
delivery_id = headers["x-webhook-delivery"].to_s
if answer == "ok" && seen_folder && !delivery_id.empty? && Flowhook.repeat?(seen_folder, delivery_id)
  answer = "repeat"
end
puts answer
exit %w[ok repeat].include?(answer)

# What the Ruby journeys share.

require 'uri'

module Walk
  # Loads every class of the generated client and calls the block with a client
  # of the API at the address in ARGV; prints what the block returns. When it
  # fails, the refused request and its answer are shown.
  def self.main(api, client)
    abort 'usage: journey.rb URL' unless ARGV.size == 1
    classes = client.constants.map { |name| client.const_get(name) }.grep(Class)
    said = yield reach(client, ARGV[0])
    puts "#{api}, Ruby client: #{classes.size} classes loaded, #{said}"
  rescue StandardError => e
    $stderr.puts e.full_message(highlight: false), "#{api}, Ruby client: failed", exchange
    exit 1
  end

  def self.reach(client, url)
    uri = URI(url)
    configuration = client::Configuration.new
    configuration.scheme = uri.scheme
    configuration.host = "#{uri.host}:#{uri.port}"
    configuration.base_path = uri.path
    client::ApiClient.new(configuration)
  end

  def self.want(condition, what)
    raise what unless condition
  end

  # The last exchange, without credentials.
  def self.exchange
    return 'no answer came' unless @last

    sent = @last.request
    headers = sent.options[:headers].reject { |key, _| %w[authorization kspuser ksptoken].include?(key.downcase) }
    ["> #{sent.options[:method].to_s.upcase} #{@last.effective_url}",
     *headers.map { |key, value| "> #{key}: #{value}" }, "> #{sent.options[:body].to_s[0, 1000]}",
     "< #{@last.code}", *@last.headers.map { |key, value| "< #{key}: #{value}" }, "< #{@last.body[0, 1000]}"].join("\n")
  end

  require 'typhoeus'
  Typhoeus.on_complete { |response| @last = response }
end

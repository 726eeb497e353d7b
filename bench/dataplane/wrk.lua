-- Prints what wrk measured as one line of JSON; milliseconds.
done = function(summary, latency)
  local failures = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  print(string.format('{"perSecond": %f, "p50": %f, "p99": %f, "p999": %f, "requests": %d, "failures": %d}',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, summary.requests, failures))
end

# Another name of the api.
kind = "service-resolver"
name = "other"

redirect {
  service = "api"
}

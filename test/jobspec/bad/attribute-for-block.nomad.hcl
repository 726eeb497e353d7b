job "attribute-for-block" {
  group = "main"

  group "main" {
    network = { mode = "bridge" }
    count {
      value = 1
    }

    restart = "no"
  }
}

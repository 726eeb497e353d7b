job "x" {
  group "g" {
    ephemeral_disk { size = 100 sticky = true }
    restart { attempts = 1, delay = "5s" }
  }
}

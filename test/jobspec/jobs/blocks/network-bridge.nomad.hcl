job "network-bridge" {
  group "main" {
    network {
      mode     = "bridge"
      hostname = "web-${NOMAD_ALLOC_INDEX}"

      port "http" {
        to = 80
      }

      port "same" {
        to = -1
      }

      dns {
        servers  = ["10.0.0.2", "10.0.0.3"]
        searches = ["example.com"]
        options  = ["ndots:2"]
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

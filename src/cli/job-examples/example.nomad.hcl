# A job: what should run, how often, and where. Try it with: yurt job run example.nomad.hcl
# All blocks and settings: docs/job-specification.md
job "example" {
  # "service" runs until it is stopped, "batch" until it is done; "system" and "sysbatch" are the same on every node.
  type = "service"

  # The datacenters that will do, with * as a wildcard.
  datacenters = ["*"]

  # How a new version of the job takes the place of the old one.
  update {
    max_parallel      = 1
    min_healthy_time  = "5s"
    healthy_deadline  = "3m"
    progress_deadline = "10m"

    # Go back to the last good version when the new one does not become healthy.
    auto_revert = false
  }

  # Tasks that run together on one node and share a network.
  group "web" {
    count = 1

    network {
      # A network namespace of its own; "host" is the other common mode.
      mode = "bridge"

      # A port of the host that leads to port 8080 inside; without `static` a free one is chosen.
      port "http" {
        to = 8080
      }
    }

    # The name under which others find the group.
    service {
      name     = "example"
      port     = "http"
      provider = "consul"
      tags     = ["example"]

      check {
        name     = "answers"
        type     = "http"
        path     = "/"
        interval = "10s"
        timeout  = "2s"
      }
    }

    # What happens when a task ends although it should not.
    restart {
      attempts = 2
      interval = "30m"
      delay    = "15s"
      mode     = "fail"
    }

    # Disk space that the group's tasks share, in MB.
    ephemeral_disk {
      size = 300
    }

    task "server" {
      # exec runs a program of the node in isolation; raw_exec without; docker a container.
      driver = "exec"

      config {
        command = "python3"
        args    = ["-m", "http.server", "${NOMAD_PORT_http}", "--directory", "local"]
      }

      # A file that is written before the task starts.
      template {
        destination = "local/index.html"
        data        = "<h1>Hello from an example job</h1>"
      }

      # MHz of processor time and MB of memory.
      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}

job "config-shapes" {
  group "main" {
    task "run" {
      driver = "docker"

      config {
        image   = "example:1"
        command = "serve"
        args    = ["-v", "${NOMAD_TASK_DIR}/x", 3, true]
        whole   = 7
        part    = 1.5
        flag    = true
        nothing = null

        labels = {
          team = "core"
        }
        computed = merge({ a = 1 }, { b = 2 })
        grouped  = ({ a = 1 })

        mount {
          type   = "bind"
          source = "/a"
        }

        mount {
          type   = "tmpfs"
          target = "/b"

          tmpfs_options {
            size = 1000
          }
        }

        logging {
          type = "json-file"

          config {
            max-size = "10m"
          }
        }

        labelled "one" {
          x = 1
        }

        dynamic "port" {
          for_each = [1]

          content {
            x = 1
          }
        }
      }
    }
  }
}

# The two services of the demo in one job, so that one `job run` is one measurement.
job "two-services" {
  update {
    min_healthy_time = "0s"
  }

  group "api" {
    network {
      mode = "bridge"
      port "http" {
        to = 9001
      }
    }

    service {
      name = "api"
      port = "http"

      connect {
        sidecar_service {}
      }
    }

    task "server" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-S", "-E", "local/server.py"]
      }

      template {
        destination = "local/server.py"
        data        = <<-PYTHON
          import socket
          server = socket.create_server(("127.0.0.1", 9001))
          while True:
              connection, _ = server.accept()
              connection.recv(4096)
              connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
              connection.close()
        PYTHON
      }
    }
  }

  group "web" {
    network {
      mode = "bridge"
    }

    service {
      name = "web"
      port = "9002"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    task "client" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-S", "-E", "local/client.py"]
      }

      # Asks until it is answered, says when that was, and then serves its own port.
      template {
        destination = "local/client.py"
        data        = <<-PYTHON
          import socket, time
          begun, refused = time.time(), 0
          while True:
              try:
                  upstream = socket.create_connection(("127.0.0.1", 8080), timeout=5)
                  upstream.sendall(b"GET / HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n")
                  if b" 200 " in upstream.recv(4096): break
              except OSError: pass
              refused += 1
              time.sleep(0.001)
          print("begun", begun * 1000, "answered", time.time() * 1000, "refused", refused, flush=True)
          server = socket.create_server(("127.0.0.1", 9002))
          while True: server.accept()
        PYTHON
      }
    }
  }
}

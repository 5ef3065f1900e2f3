// The client that gorush stands on, github.com/sideshow/apns2, alone: no queue, no record. Reads a task as JSON from standard
// input and prints what it took, as the bench's other clients do.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sideshow/apns2"
	"github.com/sideshow/apns2/payload"
	"github.com/sideshow/apns2/token"
)

type task struct {
	Origin, Prefix, Key, KeyID, TeamID, Topic string
	Count, InFlight                           int
}

type outcome struct {
	Count     int     `json:"count"`
	Accepted  int64   `json:"accepted"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
	CPUMicros float64 `json:"cpuMicros"`
	PeakRssMb float64 `json:"peakMemoryMb"`
}

func main() {
	var given task
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		log.Fatal(err)
	}
	key, err := token.AuthKeyFromBytes([]byte(given.Key))
	if err != nil {
		log.Fatal(err)
	}
	client := apns2.NewTokenClient(&token.Token{AuthKey: key, KeyID: given.KeyID, TeamID: given.TeamID})
	client.Host = given.Origin

	var accepted atomic.Int64
	var next atomic.Int64
	var senders sync.WaitGroup
	begun := time.Now()
	before := cpuMicros()
	for n := 0; n < given.InFlight; n++ {
		senders.Add(1)
		go func() {
			defer senders.Done()
			for number := next.Add(1) - 1; number < int64(given.Count); number = next.Add(1) - 1 {
				response, err := client.Push(&apns2.Notification{
					DeviceToken: deviceToken(given.Prefix, number),
					Topic:       given.Topic,
					PushType:    apns2.PushTypeAlert,
					Payload:     payload.NewPayload().AlertTitle("Boarding").AlertBody("Gate A1 in one hour"),
				})
				if err != nil {
					log.Print(err)
				} else if response.Sent() {
					accepted.Add(1)
				}
			}
		}()
	}
	senders.Wait()
	seconds := time.Since(begun).Seconds()
	json.NewEncoder(os.Stdout).Encode(outcome{
		Count:     given.Count,
		Accepted:  accepted.Load(),
		Seconds:   seconds,
		PerSecond: float64(given.Count) / seconds,
		CPUMicros: (cpuMicros() - before) / float64(given.Count),
		PeakRssMb: peakMemoryMb(),
	})
}

func deviceToken(prefix string, number int64) string {
	name := fmt.Sprintf("%s-%d-", prefix, number)
	return name + strings.Repeat("x", 64-len(name))
}

func usage() syscall.Rusage {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	return used
}

func cpuMicros() float64 {
	used := usage()
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e3
}

// Linux counts it in KB.
func peakMemoryMb() float64 { return float64(usage().Maxrss) / 1024 }

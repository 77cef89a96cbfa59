// SPDX-License-Identifier: Apache-2.0

// What one writes with gRPC's Go library: defaults everywhere.
// Usage: go_server MODEL [PORT]; prints "listening on 127.0.0.1:PORT" on standard error; ended by a signal.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"

	"ml"
)

// What iris-predictor convert writes as LIBLINEAR's text, for four features: weights[k], and the bias last.
type linearModel [][5]float64

func readModel(path string) (linearModel, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	words := bufio.NewScanner(file)
	words.Split(bufio.ScanWords)
	classes, features := 0, 0
	for words.Scan() && words.Text() != "w" {
		switch words.Text() {
		case "nr_class":
			words.Scan()
			fmt.Sscan(words.Text(), &classes)
		case "nr_feature":
			words.Scan()
			fmt.Sscan(words.Text(), &features)
		}
	}
	if classes < 3 || features != 4 {
		return nil, fmt.Errorf("%s: not LIBLINEAR's text of three classes or more and four features", path)
	}
	model := make(linearModel, classes)
	for row := 0; row < 5; row++ {
		for class := range model {
			words.Scan()
			if _, err := fmt.Sscan(words.Text(), &model[class][row]); err != nil {
				return nil, err
			}
		}
	}
	return model, nil
}

func (model linearModel) predict(flower [4]float64) int32 {
	best, most := 0, 0.0
	for class, weights := range model {
		value := 0.0
		for i, x := range flower {
			value += weights[i] * x
		}
		value += weights[4]
		if class == 0 || value > most {
			best, most = class, value
		}
	}
	return int32(best)
}

type service struct{ model linearModel }

func (s *service) PredictIrisSpecies(_ context.Context, request *ml.IrisPredictRequest) (*ml.IrisPredictReply, error) {
	return &ml.IrisPredictReply{Species: s.model.predict([4]float64{
		request.SepalLength, request.SepalWidth, request.PetalLength, request.PetalWidth})}, nil
}

func run() error {
	model, err := readModel(os.Args[1])
	if err != nil {
		return err
	}
	port := "0"
	if len(os.Args) > 2 {
		port = os.Args[2]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	ml.RegisterIrisPredictorServer(server, &service{model})
	fmt.Fprintln(os.Stderr, "listening on", listener.Addr())
	return server.Serve(listener)
}

func main() {
	if len(os.Args) < 2 {
		os.Exit(64)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(69)
	}
}
